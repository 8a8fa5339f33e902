# Finds LibTorch's CPU libraries without its own TorchConfig.cmake, which asks for a CUDA toolkit.
#
# Looks in CMAKE_PREFIX_PATH (a LibTorch folder, or a folder that holds torch/), then in .libtorch/
# of this checkout, where ./dev puts the wheels. Defines the target LibTorch::LibTorch and
# LibTorch_VERSION, and, where this LibTorch has its part for CUDA and the runtime's headers are
# there (the wheels nvidia-cuda-runtime and nvidia-cuda-crt; no toolkit), LibTorch::CUDA.
set(_libtorch_hints ${CMAKE_SOURCE_DIR}/.libtorch/torch)

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h
  HINTS ${_libtorch_hints} PATH_SUFFIXES include torch/include)
find_path(LibTorch_API_INCLUDE_DIR torch/torch.h
  HINTS ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include NO_DEFAULT_PATH)
# The libraries beside those headers, then (a distribution's own) wherever libraries lie.
get_filename_component(_libtorch_root "${LibTorch_INCLUDE_DIR}" DIRECTORY)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_libtorch_root}/lib NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu)
get_filename_component(_libtorch_lib "${LibTorch_CPU_LIBRARY}" DIRECTORY)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_libtorch_lib} NO_DEFAULT_PATH)

# Before 2.6 there were two kinds of builds; strings of the old kind do not link with ours.
set(_libtorch_config ${_libtorch_root}/share/cmake/Torch/TorchConfig.cmake)
if(EXISTS ${_libtorch_config})
  file(STRINGS ${_libtorch_config} _libtorch_old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(_libtorch_old_abi)
    message(FATAL_ERROR "The LibTorch in ${_libtorch_root} is built for the old C++ ABI: "
      "take one whose name holds 'cxx11-abi', or 2.6 or newer")
  endif()
endif()

# The defines moved to torch/headeronly/ in later versions.
foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(LibTorch_INCLUDE_DIR AND EXISTS ${LibTorch_INCLUDE_DIR}/${_header} AND NOT LibTorch_VERSION)
    file(STRINGS ${LibTorch_INCLUDE_DIR}/${_header} _lines
      REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
    list(TRANSFORM _lines REPLACE "[^0-9]+" "")
    list(JOIN _lines "." LibTorch_VERSION)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
    LibTorch_API_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run ./dev build, which installs it, or name one in CMAKE_PREFIX_PATH")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_C10_LIBRARY})
  add_library(LibTorch::LibTorch SHARED IMPORTED)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    IMPORTED_LOCATION ${LibTorch_CPU_LIBRARY}
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_API_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_API_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES LibTorch::c10)
endif()
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${_libtorch_lib} NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${_libtorch_lib} NO_DEFAULT_PATH)
set(_libtorch_cuda ${_libtorch_root}/../nvidia/cu13)
find_path(LibTorch_CUDA_INCLUDE_DIR cuda_runtime_api.h
  HINTS ${_libtorch_cuda}/include NO_DEFAULT_PATH)
find_library(LibTorch_CUDART_LIBRARY NAMES libcudart.so.13 cudart
  HINTS ${_libtorch_cuda}/lib NO_DEFAULT_PATH)
if(LibTorch_FOUND AND NOT TARGET LibTorch::CUDA AND LibTorch_CUDA_LIBRARY
    AND LibTorch_C10_CUDA_LIBRARY AND LibTorch_CUDART_LIBRARY
    AND EXISTS "${LibTorch_CUDA_INCLUDE_DIR}/crt/host_defines.h")
  add_library(LibTorch::CUDA INTERFACE IMPORTED)
  target_include_directories(LibTorch::CUDA SYSTEM INTERFACE ${LibTorch_CUDA_INCLUDE_DIR})
  target_link_libraries(LibTorch::CUDA INTERFACE LibTorch::LibTorch ${LibTorch_CUDA_LIBRARY}
    ${LibTorch_C10_CUDA_LIBRARY} ${LibTorch_CUDART_LIBRARY})
endif()
mark_as_advanced(LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY LibTorch_CUDA_INCLUDE_DIR
  LibTorch_CUDART_LIBRARY LibTorch_INCLUDE_DIR LibTorch_API_INCLUDE_DIR LibTorch_CPU_LIBRARY
  LibTorch_C10_LIBRARY)
