#include "targets.h"

namespace zscape {

// Each is defined in the file of its name.
FuzzTarget amat_target();
FuzzTarget archive_target();
FuzzTarget checkpoint_target();
FuzzTarget cifar_target();
FuzzTarget csv_target();
FuzzTarget fetch_target();
FuzzTarget hdf5_target();
FuzzTarget idx_target();
FuzzTarget label_file_target();
FuzzTarget labels_target();
FuzzTarget mat_target();
FuzzTarget model_target();
FuzzTarget npy_target();
FuzzTarget npy_folder_target();
FuzzTarget npz_target();
FuzzTarget parquet_target();
FuzzTarget picture_target();
FuzzTarget plan_target();
FuzzTarget program_target();
FuzzTarget recent_files_target();
FuzzTarget safetensors_target();
FuzzTarget script_line_target();
FuzzTarget session_target();
FuzzTarget session_store_target();
FuzzTarget settings_target();
FuzzTarget source_kind_target();
FuzzTarget tiff_target();
FuzzTarget webp_target();

std::span<const FuzzTarget> fuzz_targets() {
  // clang-format off
  static const std::vector<FuzzTarget> kTargets = {
      amat_target(),
      archive_target(),
      checkpoint_target(),
      cifar_target(),
      csv_target(),
      fetch_target(),
      hdf5_target(),
      idx_target(),
      label_file_target(),
      labels_target(),
      mat_target(),
      model_target(),
      npy_target(),
      npy_folder_target(),
      npz_target(),
      parquet_target(),
      picture_target(),
      plan_target(),
      program_target(),
      recent_files_target(),
      safetensors_target(),
      script_line_target(),
      session_target(),
      session_store_target(),
      settings_target(),
      source_kind_target(),
      tiff_target(),
      webp_target(),
  };
  // clang-format on
  return kTargets;
}

}  // namespace zscape
