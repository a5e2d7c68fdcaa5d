# No contraction into fused multiply-adds and no fast maths: the same bits from gcc, clang and nvcc, and NaN tests stay.
add_library(phosphene-flags INTERFACE)
target_include_directories(phosphene-flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(phosphene-flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(phosphene-flags INTERFACE -ffp-contract=off -fno-math-errno -Wall -Wextra -Wpedantic -Wshadow
                       -Wconversion -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes -Wvla)
if(PH_WERROR)
    target_compile_options(phosphene-flags INTERFACE -Werror)
endif()
if(PH_SANITIZE)
    target_compile_options(phosphene-flags INTERFACE -fsanitize=${PH_SANITIZE} -fno-sanitize-recover=all
                           -fno-omit-frame-pointer -g)
    target_link_options(phosphene-flags INTERFACE -fsanitize=${PH_SANITIZE})
endif()
