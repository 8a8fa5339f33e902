#pragma once

namespace zscape {

// Gives up all that a reader of one file does not need, before it reads any of it: it dies with its
// parent (the process of this id), takes no more address space and computing time than told, dumps
// no core, starts no process, opens no socket and changes no file. Ends the process if the parent
// has gone, or if the kernel refuses.
void give_up_rights(long parent, unsigned long long memory, unsigned long long seconds);

}  // namespace zscape
