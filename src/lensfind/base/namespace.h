#pragma once

/// The vocabulary of the project: errors, values, described settings, tables of text, random numbers.
namespace lensfind::base {}

/// Every room says the names of base/ plainly, `Error` for `base::Error`; so may you: `lensfind::Error`. Names of all other rooms are said
/// with their room: `image::Image`. No other header of the library has a using-directive.
namespace lensfind {
using namespace base;
}
