#include "lensfind/report/report.h"

#include <gmock/gmock.h>
