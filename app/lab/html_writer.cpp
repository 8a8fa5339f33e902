#include "app/lab/html_writer.h"

#include <cassert>

#include "engine/data/names.h"

namespace zscape {

std::string escaped_html(std::string_view text) {
  std::string escaped;
  for (const char letter : as_utf8(text)) {
    const auto byte = static_cast<unsigned char>(letter);
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '\n':
      case '\t':
        escaped += letter;
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          escaped += "\uFFFD";
        } else {
          escaped += letter;
        }
    }
  }
  return escaped;
}

HtmlWriter::HtmlWriter() : page_("<!doctype html>\n") {}  // not for people

void HtmlWriter::begin(std::string_view element, const Attributes& attributes) {
  page_ += '<';
  page_ += element;
  for (const auto& [name, value] : attributes) {
    page_ += ' ';
    page_ += name;
    page_ += "=\"" + escaped_html(value) + '"';
  }
  page_ += '>';
}

HtmlWriter& HtmlWriter::open(std::string_view element, const Attributes& attributes) {
  begin(element, attributes);
  open_.emplace_back(element);
  return *this;
}

HtmlWriter& HtmlWriter::close() {
  assert(!open_.empty());
  page_ += "</" + open_.back() + ">\n";
  open_.pop_back();
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
  page_ += escaped_html(text);
  return *this;
}

HtmlWriter& HtmlWriter::add(std::string_view element, std::string_view text,
                            const Attributes& attributes) {
  return open(element, attributes).text(text).close();
}

HtmlWriter& HtmlWriter::add_void(std::string_view element, const Attributes& attributes) {
  begin(element, attributes);
  return *this;
}

HtmlWriter& HtmlWriter::style(std::string_view css) {
  open("style");
  page_ += css;
  return close();
}

std::string HtmlWriter::take() {
  while (!open_.empty()) close();
  return std::move(page_);
}

}  // namespace zscape
