#pragma once

#include <cstddef>

namespace zscape {

// Teaches libhdf5 to unpack what h5py packs with compression="lzf". Plug-ins of libhdf5 stay
// closed: this process loads no code that a file asks for.
void register_lzf();

// How long the unpacked chunks of the next data set are, where its filter does not say it, as of
// texts of any length; 0: not known, and they are refused.
void expect_lzf_chunk(std::size_t bytes);

}  // namespace zscape
