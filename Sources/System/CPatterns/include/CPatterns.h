// A C face on RE2, the dialect of the original's patterns.
#pragma once
