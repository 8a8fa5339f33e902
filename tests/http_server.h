#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace zscape {

// What a request asked for.
struct HttpRequest {
  std::string path;
  std::int64_t range_start = -1;  // -1: no Range
};

// What to send: these bytes as they are, after which the connection is closed, or held open without
// a word until the client goes.
struct HttpAnswer {
  std::string bytes;
  bool hold = false;
};

inline std::string http_head(const std::string& status, const std::string& lines) {
  return "HTTP/1.1 " + status + "\r\n" + lines + "Connection: close\r\n\r\n";
}

// A whole answer, or the first `sent` bytes of its body.
inline HttpAnswer http_ok(const std::string& body, std::size_t sent = std::string::npos) {
  return {http_head("200 OK", "Content-Length: " + std::to_string(body.size()) + "\r\n") +
          body.substr(0, sent)};
}

// The rest of a body from start on, or its first `sent` bytes.
inline HttpAnswer http_part(const std::string& body, std::int64_t start,
                            std::size_t sent = std::string::npos) {
  const auto from = static_cast<std::size_t>(start);
  return {http_head("206 Partial Content", "Content-Length: " + std::to_string(body.size() - from) +
                                               "\r\nContent-Range: bytes " + std::to_string(from) +
                                               "-" + std::to_string(body.size() - 1) + "/" +
                                               std::to_string(body.size()) + "\r\n") +
          body.substr(from).substr(0, sent)};
}

// A web server on 127.0.0.1 that answers one connection after the other as `answer` says.
class HttpServer {
 public:
  using Answer = std::function<HttpAnswer(const HttpRequest& request)>;

  explicit HttpServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    socklen_t length = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }

  ~HttpServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    close(listener_);
  }

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stopping_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      const HttpAnswer answer = answer_(remember(parse(read_head(client))));
      send_all(client, answer.bytes);
      // Reads until the client goes, so that closing does not throw away what it has not read yet.
      if (!answer.hold) shutdown(client, SHUT_WR);
      char byte = 0;
      while (recv(client, &byte, 1, 0) > 0) {
      }
      close(client);
    }
  }

  static std::string read_head(int client) {
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n") && recv(client, &byte, 1, 0) == 1) head += byte;
    return head;
  }

  static HttpRequest parse(const std::string& head) {
    HttpRequest request;
    const std::size_t path = head.find(' ') + 1;
    request.path = head.substr(path, head.find(' ', path) - path);
    const std::string range = "Range: bytes=";
    if (const std::size_t at = head.find(range); at != std::string::npos) {
      request.range_start = std::stoll(head.substr(at + range.size()));
    }
    return request;
  }

  const HttpRequest& remember(HttpRequest request) {
    const std::lock_guard lock(mutex_);
    return requests_.emplace_back(std::move(request));
  }

  static void send_all(int client, const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = send(client, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<std::size_t>(count);
    }
  }

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  // of requests_
  std::vector<HttpRequest> requests_;
  std::thread thread_;
};

}  // namespace zscape
