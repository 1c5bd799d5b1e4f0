// Typed C forms of what Swift's Glibc module does not have: variadic functions, macros, Linux calls.
#pragma once
#include "CPosixThread.h"
#include "CPosixProcess.h"
#include "CPosixHangup.h"
#include "CPosixEnvironment.h"
#include "CPosixTerminal.h"
#include "CPosixSocket.h"
#include "CPosixMemory.h"
