if(PHOSPHENE_ONEDNN)
    # list(APPEND PH_SOURCES kernels/cpu/….c)
endif()
