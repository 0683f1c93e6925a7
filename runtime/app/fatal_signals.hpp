#pragma once

namespace forecourt::app {

/// Has SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT written into the crash marker of the lane that
/// runs into them, so that the next start knows what killed this one; then they do what they did
/// before. Call before threads.
void note_fatal_signals();

}  // namespace forecourt::app
