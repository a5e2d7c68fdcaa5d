ph_test(golden SOURCES golden/test_golden.c golden/npy.c base/backends.c)
