using System;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// The beginning of a WebSocket (RFC 6455, 4.1): the request, and what a server may answer.
    /// </summary>
    /// <remarks>
    /// ClientWebSocket is not used: that of Mono hides the HTTP status of a refusal, so that a
    /// wrong token cannot be told from a server that is not there, and allocates for each message.
    /// SHA-1 and the random numbers are asked for by class: the Create of their bases finds them by
    /// name, and what only a name leads to is stripped from built games.
    /// </remarks>
    internal sealed class WebSocketHandshake
    {
        public const int LargestReply = 16 * 1024; // bytes
        const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3

        const string SomethingElse =
            "something else than `mocap live` listens there; give the port that it printed";

        readonly ServerAddress _address;
        readonly string _subprotocol;
        readonly string _key;

        public WebSocketHandshake(ServerAddress address, string subprotocol)
        {
            _address = address;
            _subprotocol = subprotocol;
            var key = new byte[16];
            using (var random = new RNGCryptoServiceProvider())
                random.GetBytes(key);
            _key = Convert.ToBase64String(key);
        }

        public byte[] Request()
        {
            var lines = new StringBuilder()
                .Append("GET / HTTP/1.1\r\n")
                .Append("Host: ").Append(_address.Place).Append("\r\n")
                .Append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
                .Append("Sec-WebSocket-Key: ").Append(_key).Append("\r\n")
                .Append("Sec-WebSocket-Version: 13\r\n")
                .Append("Sec-WebSocket-Protocol: ").Append(_subprotocol).Append("\r\n");
            if (_address.Token.Length > 0)
                lines.Append("Authorization: Bearer ").Append(_address.Token).Append("\r\n");
            return Encoding.ASCII.GetBytes(lines.Append("\r\n").ToString());
        }

        /// <summary>
        /// Looks at what has come of the answer. Raises RefusedException if another try would end
        /// the same way, ProtocolException if it might not.
        /// </summary>
        /// <param name="whole">Whether nothing more comes.</param>
        /// <returns>Bytes of the answer if the WebSocket is open, 0 if more has to come.</returns>
        public int Accept(byte[] data, int start, int count, bool whole)
        {
            count = Math.Min(count, LargestReply);
            var text = Encoding.ASCII.GetString(data, start, count); // a sign for each byte
            const string http = "HTTP/1.";
            if (string.CompareOrdinal(text, 0, http, 0, Math.Min(text.Length, http.Length)) != 0)
                throw new ProtocolException(SomethingElse);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                if (whole || text.Length == LargestReply)
                    throw new ProtocolException(SomethingElse);
                return 0;
            }
            var head = text.Substring(0, end + 2);
            var status = text.Length >= 12 ? text.Substring(9, 3) : "";
            if (status == "101")
            {
                if (!IsRight(head))
                    throw new ProtocolException(SomethingElse);
                return end + 4;
            }
            var size = text.Length - (end + 4);
            int.TryParse(
                Field(head, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture,
                out var wanted);
            if (!whole && size < Math.Min(wanted, 1000))
                return 0;
            var body = Encoding.UTF8.GetString(data, start + end + 4, size);
            throw Refusal(status, Plain.Line(body, 200));
        }

        bool IsRight(string head)
        {
            string accept;
            using (var sha = new SHA1Managed())
                accept = Convert.ToBase64String(sha.ComputeHash(Encoding.ASCII.GetBytes(_key + Guid)));
            return Field(head, "Sec-WebSocket-Accept") == accept
                && Field(head, "Upgrade").ToLowerInvariant() == "websocket"
                && Field(head, "Sec-WebSocket-Protocol") == _subprotocol
                && Field(head, "Sec-WebSocket-Extensions").Length == 0;
        }

        ProtocolException Refusal(string status, string said)
        {
            if (status == "401")
            {
                var what = _address.Token.Length > 0
                    ? "the token is wrong" : "the server asks for a token";
                return new RefusedException(
                    $"{_address}: {what}; give the one that `mocap live` printed at its start");
            }
            var told = said.Length > 0 ? $" ({said})" : "";
            var problem = $"refused with HTTP status {status}{told}; is that the port of `mocap live`?";
            return status == "400" || status == "403"
                ? new RefusedException($"{_address}: {problem}")
                : new ProtocolException(problem);
        }

        /// <summary>The value of a field of a head whose lines all end, empty if it has none.</summary>
        static string Field(string head, string name)
        {
            var at = head.IndexOf("\r\n" + name + ":", StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return "";
            at += name.Length + 3;
            return head.Substring(at, head.IndexOf("\r\n", at, StringComparison.Ordinal) - at).Trim();
        }
    }
}
