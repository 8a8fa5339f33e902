#include "engine/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/random.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Npy : public FolderTest {
 protected:
  std::string error(const Bytes& bytes) const {
    const auto file = NpyFile::open(write("a.npy", bytes));
    if (file) return "";
    EXPECT_EQ(file.error().message.find('\n'), std::string::npos);
    EXPECT_THAT(file.error().message, HasSubstr("a.npy'"));
    return file.error().message;
  }

  // All numbers of a file, which must be of the type that V holds.
  template <class V>
  V all(const Bytes& content) const {
    auto file = NpyFile::open(write("a.npy", content));
    if (!file || file->type() == ElementType::other) {
      ADD_FAILURE() << (file ? "another type" : file.error().message);
      return {};
    }
    auto values = file->read_rows(0, file->rows());
    if (!values || !std::holds_alternative<V>(*values)) {
      ADD_FAILURE() << (values ? "other values" : values.error().message);
      return {};
    }
    return std::get<V>(*std::move(values));
  }

  std::vector<std::uint8_t> bytes(const Bytes& content) const {
    return all<std::vector<std::uint8_t>>(content);
  }
  std::vector<float> floats(const Bytes& content) const { return all<std::vector<float>>(content); }
  std::vector<double> doubles(const Bytes& content) const {
    return all<std::vector<double>>(content);
  }
  std::vector<std::int64_t> integers(const Bytes& content) const {
    return all<std::vector<std::int64_t>>(content);
  }
  std::vector<std::string> texts(const Bytes& content) const {
    return all<std::vector<std::string>>(content);
  }
};

template <class T>
std::vector<T> reversed_bytes(std::vector<T> values) {
  for (T& value : values) {
    auto* first = reinterpret_cast<char*>(&value);
    std::reverse(first, first + sizeof(T));
  }
  return values;
}

const Bytes kBytes = npy("|u1", "(2, 3)", Bytes{1, 2, 3, 4, 5, 255});

TEST_F(Npy, ReadsBytesInCOrder) {
  const auto file = NpyFile::open(write("a.npy", kBytes));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->shape(), ElementsAre(2, 3));
  EXPECT_EQ(file->rows(), 2);
  EXPECT_EQ(file->row_size(), 3U);
  EXPECT_EQ(file->type_name(), "uint8");
  EXPECT_THAT(bytes(kBytes), ElementsAre(1, 2, 3, 4, 5, 255));
}

TEST_F(Npy, TurnsFortranOrderIntoCOrder) {
  // [[1, 2, 3], [4, 5, 6]] by columns.
  EXPECT_THAT(bytes(npy("|u1", "(2, 3)", Bytes{1, 4, 2, 5, 3, 6}, true)),
              ElementsAre(1, 2, 3, 4, 5, 6));
  // numpy.arange(24).reshape(2, 3, 2, 2).ravel("F")
  const std::vector<float> by_columns = {0, 12, 4, 16, 8, 20, 2, 14, 6, 18, 10, 22,
                                         1, 13, 5, 17, 9, 21, 3, 15, 7, 19, 11, 23};
  const auto values = floats(npy("<f4", "(2, 3, 2, 2)", by_columns, true));
  ASSERT_EQ(values.size(), 24U);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<float>(i));
}

TEST_F(Npy, HonoursTheByteOrder) {
  const std::vector<float> singles = {1.5F, -2, 1e-20F};
  const std::vector<double> exact = {1.5, -2, 1e-20};
  for (const char* order : {"<", "="}) {
    EXPECT_EQ(floats(npy(std::string(order) + "f4", "(3,)", singles)), singles);
    EXPECT_EQ(doubles(npy(std::string(order) + "f8", "(3,)", exact)), exact);
  }
  EXPECT_EQ(floats(npy(">f4", "(3,)", reversed_bytes(singles))), singles);
  EXPECT_EQ(doubles(npy(">f8", "(3,)", reversed_bytes(exact))), exact);
  EXPECT_THAT(integers(npy(">i2", "(2,)", Bytes{1, 2, 0xFF, 0xFE})), ElementsAre(258, -2));
  EXPECT_THAT(bytes(npy(">u1", "(2,)", Bytes{7, 8})), ElementsAre(7, 8));
}

TEST_F(Npy, ReadsIntegersOfEverySize) {
  EXPECT_THAT(integers(npy<std::int8_t>("|i1", "(2,)", {-1, 127})), ElementsAre(-1, 127));
  EXPECT_THAT(bytes(npy<std::uint8_t>("|u1", "(2,)", {0, 255})), ElementsAre(0, 255));
  EXPECT_THAT(integers(npy<std::int16_t>("<i2", "(2,)", {-300, 300})), ElementsAre(-300, 300));
  EXPECT_THAT(integers(npy<std::uint16_t>("<u2", "(1,)", {65535})), ElementsAre(65535));
  EXPECT_THAT(integers(npy<std::int32_t>("<i4", "(1,)", {-70000})), ElementsAre(-70000));
  EXPECT_THAT(integers(npy<std::uint32_t>("<u4", "(1,)", {4294967295})), ElementsAre(4294967295));
  EXPECT_THAT(integers(npy<std::int64_t>("<i8", "(1,)", {-5'000'000'000})),
              ElementsAre(-5'000'000'000));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(integers(npy<std::uint64_t>("<u8", "(2,)", {9, ~std::uint64_t{0}})),
              ElementsAre(9, kMost));
}

TEST_F(Npy, ReadsEveryVersionOfTheFormat) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";
  for (const int version : {1, 2, 3}) {
    EXPECT_THAT(bytes(npy_with_header(header, {5, 6}, version)), ElementsAre(5, 6)) << version;
  }
  for (const int version : {0, 4, 255}) {
    EXPECT_THAT(error(npy_with_header(header, {5, 6}, version)),
                HasSubstr("version " + std::to_string(version)));
  }
}

TEST_F(Npy, ReadsHeadersAsOtherWritersLayThemOut) {
  for (const char* header :
       {"{'descr':'|u1','fortran_order':False,'shape':(2,)}",
        "{\"shape\": (2L,), \"fortran_order\": False, \"descr\": \"|u1\"}",
        "  { 'descr' : '|u1' ,\n 'fortran_order' : False , 'shape' : ( 2 , ) , }"}) {
    EXPECT_THAT(bytes(npy_with_header(header, {5, 6})), ElementsAre(5, 6)) << header;
  }
}

TEST_F(Npy, ReadsMoreThanFitsIntoOneChunk) {
  std::vector<double> values(400'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  EXPECT_EQ(doubles(npy("<f8", "(4, 100000)", values)), values);
  // The same numbers by columns.
  std::vector<double> by_columns;
  for (std::size_t i = 0; i < 100'000; ++i) {
    for (std::size_t row = 0; row < 4; ++row) by_columns.push_back(values[row * 100'000 + i]);
  }
  EXPECT_EQ(doubles(npy("<f8", "(4, 100000)", by_columns, true)), values);
}

TEST_F(Npy, RefusesObjectArrays) {
  const Bytes pickle = {0x80, 0x03, ']', 'q', 0, '.'};
  EXPECT_THAT(error(npy("|O", "(1,)", pickle)),
              AllOf(HasSubstr("Python objects"), HasSubstr("does not unpickle")));
  EXPECT_THAT(error(npy("O", "(1,)", pickle)), HasSubstr("that is not NumPy's"));
}

TEST_F(Npy, RefusesRecords) {
  EXPECT_THAT(error(npy_with_header("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': "
                                    "False, 'shape': (1,), }",
                                    Bytes(8))),
              HasSubstr("records with several fields"));
}

TEST_F(Npy, KnowsTheNamesOfTypesThatItDoesNotRead) {
  const auto name = [&](const std::string& type, std::size_t size) {
    const auto file = NpyFile::open(write("a.npy", npy(type, "(1,)", Bytes(size))));
    EXPECT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->type(), ElementType::other) << type;
    return file->type_name();
  };
  EXPECT_EQ(name("<f16", 16), "float128");
  EXPECT_EQ(name("<c8", 8), "complex64");
  EXPECT_EQ(name("<M8[ns]", 8), "times");
  EXPECT_EQ(name("|V5", 5), "'V5'");
}

TEST_F(Npy, RefusesEveryTruncation) {
  const Bytes array = npy<double>("<f8", "(2, 2)", {1, 2, 3, 4});
  for (std::size_t size = 0; size < array.size(); ++size) {
    EXPECT_NE(error(Bytes(array.begin(), array.begin() + static_cast<std::ptrdiff_t>(size))), "")
        << size;
  }
  EXPECT_THAT(error(Bytes(array.begin(), array.end() - 1)),
              AllOf(HasSubstr("cut short"), HasSubstr("[2, 2] of float64")));
}

TEST_F(Npy, RefusesTrailingBytes) {
  Bytes longer = kBytes;
  longer.push_back(0);
  EXPECT_THAT(error(longer), HasSubstr("goes on for 1 bytes after the array [2, 3] of uint8"));
}

TEST_F(Npy, TakesNoMemoryForWhatIsOnlyClaimed) {
  EXPECT_THAT(error(npy("<f8", "(1000000000, 1000000000)", Bytes(8))), HasSubstr("cut short"));
  EXPECT_THAT(error(npy("<f8", "(9223372036854775807, 9223372036854775807)", Bytes(8))),
              HasSubstr("cut short"));
  EXPECT_THAT(error(npy("<f8", "(0, 9223372036854775807, 9223372036854775807)", Bytes())),
              HasSubstr("cut short"));
  EXPECT_THAT(error(npy("<f8", "(9223372036854775808,)", Bytes(8))), HasSubstr("no dimensions"));
  Bytes header = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  EXPECT_THAT(error(header), HasSubstr("promises to be 4294967295 bytes"));
  header[11] = 0;
  header.resize(20'000'000, ' ');
  EXPECT_THAT(error(header), HasSubstr("needs less than 200"));
}

TEST_F(Npy, RefusesWhatIsNoArray) {
  EXPECT_THAT(error({}), HasSubstr("not an NPY file"));
  EXPECT_THAT(error(Bytes(100, 'x')), HasSubstr("not an NPY file"));
  EXPECT_THAT(error(npy("<f8", "()", Bytes(8))), HasSubstr("single number"));
  const auto absent = NpyFile::open(path("absent.npy"));
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, AllOf(HasSubstr("absent.npy'"), HasSubstr("No such file")));
  EXPECT_FALSE(NpyFile::open(folder_.string()));
}

TEST_F(Npy, RefusesHeadersThatNumpyWouldNotWrite) {
  const auto with = [&](const std::string& header) {
    return error(npy_with_header(header, {5, 6}));
  };
  EXPECT_THAT(with(""), HasSubstr("is not a dictionary"));
  EXPECT_THAT(with("{"), HasSubstr("is not a dictionary"));
  EXPECT_THAT(with("{'descr': '|u1', 'fortran_order': False}"), HasSubstr("once each"));
  EXPECT_THAT(with("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}"),
              HasSubstr("once each"));
  EXPECT_THAT(with("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'x': 1}"),
              HasSubstr("a key that NumPy does not write"));
  EXPECT_THAT(with("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} + x"),
              HasSubstr("goes on after its dictionary"));
  EXPECT_THAT(with("{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}"),
              HasSubstr("neither True nor False"));
  for (const char* shape : {"(2)", "2", "(-2,)", "(2,,)", "(a,)", "[2]", "(2"}) {
    EXPECT_THAT(
        with("{'descr': '|u1', 'fortran_order': False, 'shape': " + std::string(shape) + "}"),
        HasSubstr("no dimensions"))
        << shape;
  }
  for (const char* type : {"u1", "|", "|u", "|u0", "|u1x", "|1u", "|u99999999999", "", "*u1"}) {
    EXPECT_THAT(
        with("{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (2,)}"),
        HasSubstr("that is not NumPy's"))
        << type;
  }
}

// Whatever a header's bytes are: no crash, no wrong size, and one line where it is refused.
TEST_F(Npy, SurvivesDamage) {
  const Bytes good = npy<float>("<f4", "(3, 4)", std::vector<float>(12, 0.5F), true);
  int refused = 0;
  const auto attempt = [&](const Bytes& bad) {
    auto file = NpyFile::open(write("a.npy", bad));
    if (!file) {
      EXPECT_EQ(file.error().message.find('\n'), std::string::npos);
      ++refused;
    } else if (file->type() != ElementType::other) {
      EXPECT_TRUE(file->read_rows(0, file->rows()));
    }
  };
  for (std::size_t at = 0; at < 70; ++at) {
    for (const char value : std::string("\0\x01\n'(),9L\xFF", 10)) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(value);
      attempt(bad);
    }
  }
  Random random(11, Stream::evaluation, 0);
  for (int round = 0; round < 1000; ++round) {
    Bytes bad = good;
    for (std::uint32_t flip = 0, flips = 1 + random.below(6); flip < flips; ++flip) {
      bad[random.below(128)] = static_cast<std::uint8_t>(random.below(256));
    }
    attempt(bad);
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(Npy, ReadsHalfPrecision) {
  // One, −2, the least and a usual subnormal number, the largest one, infinity.
  EXPECT_THAT(
      floats(npy<std::uint16_t>("<f2", "(6,)", {0x3C00, 0xC000, 0x0001, 0x0200, 0x7BFF, 0x7C00})),
      ElementsAre(1.0F, -2.0F, std::ldexp(1.0F, -24), std::ldexp(1.0F, -15), 65504.0F,
                  std::numeric_limits<float>::infinity()));
  EXPECT_TRUE(std::isnan(floats(npy<std::uint16_t>("<f2", "(1,)", {0x7E00})).front()));
  EXPECT_THAT(floats(npy(">f2", "(1,)", Bytes{0x3C, 0x00})), ElementsAre(1.0F));
}

TEST_F(Npy, ReadsTruthValues) {
  EXPECT_THAT(bytes(npy("|b1", "(3,)", Bytes{0, 1, 7})), ElementsAre(0, 1, 1));
}

TEST_F(Npy, ReadsText) {
  EXPECT_THAT(texts(npy("|S3", "(3,)", Bytes{'a', 'b', 'c', 'd', 0, 0, 0, 0, 0})),
              ElementsAre("abc", "d", ""));
  EXPECT_THAT(texts(npy<std::uint32_t>("<U2", "(2,)", {'z', 0xDF, 0x1F600, 0})),
              ElementsAre("z\u00DF", "\U0001F600"));
  EXPECT_THAT(texts(npy<std::uint32_t>("<U1", "(2,)", {0xD800, 0x110000})),
              ElementsAre("\uFFFD", "\uFFFD"));
}

TEST_F(Npy, ReadsSomeRows) {
  auto file = NpyFile::open(write("a.npy", npy("|u1", "(3, 2)", Bytes{1, 2, 3, 4, 5, 6})));
  ASSERT_TRUE(file) << file.error().message;
  const auto rows = [&](std::int64_t first, std::int64_t count) {
    return std::get<std::vector<std::uint8_t>>(file->read_rows(first, count).value());
  };
  EXPECT_THAT(rows(0, 1), ElementsAre(1, 2));
  EXPECT_THAT(rows(1, 2), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(rows(0, 2), ElementsAre(1, 2, 3, 4));  // again from the first
}

TEST_F(Npy, IsToldFromOtherFilesByItsContent) {
  EXPECT_TRUE(looks_like_npy(write("a", kBytes)));
  EXPECT_FALSE(looks_like_npy(write("b.npy", {'t', 'e', 'x', 't'})));
  EXPECT_FALSE(looks_like_npy(path("absent.npy")));
  EXPECT_FALSE(looks_like_npy(folder_.string()));
}

// -------------------------------------------------------------------------------------------------

std::string start_of(const std::vector<std::byte>& bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

TEST_F(Npy, WritesWhatNumpyWrites) {
  const std::vector<std::int64_t> shape = {2, 2};
  const std::vector<float> values = {1, -2, 0.5F, 1e-30F};
  const auto bytes = npy_bytes(shape, values);
  ASSERT_EQ(bytes.size(), 128U + 16U);
  EXPECT_EQ(start_of(bytes, 128),
            std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }" +
                std::string(58, ' ') + "\n");
  EXPECT_EQ(std::memcmp(bytes.data() + 128, values.data(), 16), 0);
}

TEST_F(Npy, ReadsBackWhatItWrites) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{6}, {2, 3}, {1, 2, 3}, {3, 2, 1, 1}}) {
    const std::vector<float> values = {0.25F, -1, 3e38F, 4, 5, 6};
    const auto bytes = npy_bytes(shape, values);
    EXPECT_EQ((bytes.size() - 24) % 64, 0U);
    ASSERT_TRUE(write_plainly(path("b.npy"), bytes));
    auto file = NpyFile::open(path("b.npy"));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->shape(), shape);
    EXPECT_EQ(std::get<std::vector<float>>(file->read_rows(0, file->rows()).value()), values);
  }
}

TEST_F(Npy, WritesEmptyArrays) {
  const std::vector<std::int64_t> shape = {0, 4};
  ASSERT_TRUE(write_plainly(path("b.npy"), npy_bytes(shape, {})));
  const auto file = NpyFile::open(path("b.npy"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->shape(), ElementsAre(0, 4));
}

}  // namespace
}  // namespace zscape
