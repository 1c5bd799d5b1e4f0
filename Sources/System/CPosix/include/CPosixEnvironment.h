#pragma once

/// `NAME=VALUE` of the environment's entry at an index; NULL behind the last one. Nothing may change the environment meanwhile.
const char *_Nullable cposix_environment_entry(long index);
