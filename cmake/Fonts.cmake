# The window's typeface: Inter where the distribution has it (Debian: fonts-inter), else DejaVu
# Sans, else what Dear ImGui brings. The program looks again when it starts.
find_file(ZSCAPE_FONT_REGULAR NAMES Inter-Regular.otf Inter-Regular.ttf
  PATHS /usr/share/fonts /usr/local/share/fonts
  PATH_SUFFIXES opentype/inter truetype/inter inter inter-fonts)
find_file(ZSCAPE_FONT_SEMIBOLD NAMES Inter-SemiBold.otf Inter-SemiBold.ttf
  PATHS /usr/share/fonts /usr/local/share/fonts
  PATH_SUFFIXES opentype/inter truetype/inter inter inter-fonts)
find_file(ZSCAPE_FONT_FALLBACK NAMES DejaVuSans.ttf
  PATHS /usr/share/fonts /usr/local/share/fonts
  PATH_SUFFIXES truetype/dejavu dejavu TTF dejavu-sans-fonts)

function(zscape_use_fonts target)
  target_compile_definitions(${target} PRIVATE
    ZSCAPE_FONT_REGULAR="${ZSCAPE_FONT_REGULAR}"
    ZSCAPE_FONT_SEMIBOLD="${ZSCAPE_FONT_SEMIBOLD}"
    ZSCAPE_FONT_FALLBACK="${ZSCAPE_FONT_FALLBACK}")
endfunction()
