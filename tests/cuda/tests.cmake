# What can be known of the GPU backend without a card.
if(PH_CUDA_FOUND)
    ph_test(cuda-plans SOURCES cuda/test_plans.c cuda/cards.c ops/build_net.c ops/build_op.c ops/statement.c TIMEOUT 300)
    ph_script_test(cuda-resources slow 300 sh tests/cuda/resources.sh ${CMAKE_CUDA_COMPILER} 75 90 120)
endif()
