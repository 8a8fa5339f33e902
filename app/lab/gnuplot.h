#pragma once

#include <string>
#include <string_view>

#include "engine/error.h"

namespace zscape {

// A text in a script of gnuplot. Between single quotes gnuplot carries out no command and knows no
// escape but the doubled quote; what would end the line becomes a blank.
std::string gnuplot_text(std::string_view text);

// The same for a label on an axis, in which gnuplot would read % as printf does.
std::string gnuplot_tic_text(std::string_view text);

// The path of gnuplot as PATH finds it; empty: it is not installed.
std::string find_gnuplot();

// Lets gnuplot carry out a script that lies in this folder, with the variable `to_stdout` defined,
// and returns the SVG that it prints. It reads no start-up file of the user. Fails with what
// gnuplot says, and after a minute without an end.
Expected<std::string> run_gnuplot(const std::string& gnuplot, const std::string& folder,
                                  const std::string& script);

}  // namespace zscape
