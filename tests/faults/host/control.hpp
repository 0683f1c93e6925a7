#pragma once

#include <string>

namespace faults {

/// Takes orders on a Unix socket (SOCK_SEQPACKET) from a thread of its own, as long as the process
/// lives. One packet is one order, and one packet answers it. The disk is the one of the host and of
/// its plugins' processes; memory and clock are the host's own.
///
///   disk <operation> <nth> <fault> once|always   the nth call from now fails (VfsShim)
///   calls <operation>                            how many there were
///   heal                                         disk and memory are well again
///   failures                                     how many failures were made up
///   cut <from> <to> [<seed>]                     what the disk would hold without power
///   memory <nth>                                 the nth allocation from now fails
///   wall <seconds>                               the wall clock is this far off
void obey(const std::string& socket_path);

}  // namespace faults
