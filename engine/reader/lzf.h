#pragma once

namespace zscape {

// Teaches libhdf5 to unpack what h5py packs with compression="lzf". Plug-ins of libhdf5 stay
// closed: this process loads no code that a file asks for.
void register_lzf();

}  // namespace zscape
