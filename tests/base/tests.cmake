ph_test(text SOURCES base/test_text.c base/fail_alloc.c LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(file SOURCES base/test_file.c base/fail_alloc.c image/scratch.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
