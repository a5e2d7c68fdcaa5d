# Dreams: tiles, the ascent, octaves, and what the library promises of them.
ph_test(dream-golden SOURCES dream/test_golden.c dream/rig.c golden/npy.c base/backends.c)
