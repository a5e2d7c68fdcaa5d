list(APPEND PH_SOURCES host/image/colour_space.c host/image/dft.c host/image/exif.c host/image/finish.c
     host/image/grid.c host/image/init.c host/image/jpeg_tables.c host/image/photo.c host/image/png.c host/image/resample.c
     host/image/spectrum_scale.c host/image/stb.c host/image/turn.c)
# stb_image's integer arithmetic wraps on damaged files; this gives the wrapping a meaning. It also copies no bytes from
# nowhere, which one sanitizer minds.
set(PH_STB_OPTIONS -fwrapv)
if(PH_SANITIZE)
    list(APPEND PH_STB_OPTIONS -fno-sanitize=nonnull-attribute)
endif()
set_source_files_properties(host/image/stb.c PROPERTIES COMPILE_OPTIONS "${PH_STB_OPTIONS}")
