using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MocapBridge
{
    /// <summary>Where a server listens, and the token that it wants. Immutable.</summary>
    public sealed class ServerAddress
    {
        public const int DefaultPort = 8765;
        const string DefaultHost = "127.0.0.1";

        ServerAddress(string host, int port, string token)
        {
            Host = host;
            Port = port;
            Token = token;
        }

        /// <summary>Name or address, without brackets.</summary>
        public string Host { get; }

        public int Port { get; }

        /// <summary>Empty if there is none.</summary>
        public string Token { get; }

        /// <summary>
        /// Reads what a user may write or paste: "ws://192.168.1.20:8765/?token=abc",
        /// "192.168.1.20", "localhost:8765", ":8765", "8765", "[::1]:8765", or nothing at all.
        /// </summary>
        /// <param name="text">What is missing of it is as `mocap live` has it by itself.</param>
        /// <param name="token">Counts for more than one in the text, unless it is empty.</param>
        /// <exception cref="FormatException">It is no address; says what would be one.</exception>
        public static ServerAddress Parse(string text, string token = "")
        {
            var rest = (text ?? "").Trim();
            var scheme = rest.IndexOf("://", StringComparison.Ordinal);
            if (scheme >= 0)
            {
                if (rest.Substring(0, scheme).ToLowerInvariant() != "ws")
                    throw Wrong(text, "the connection is not encrypted, its address begins with ws://");
                rest = rest.Substring(scheme + 3);
            }
            var query = rest.IndexOfAny(new[] { '/', '?' });
            var said = query < 0 ? "" : TokenOf(rest.Substring(query));
            var place = query < 0 ? rest : rest.Substring(0, query);
            Split(text, place, out var host, out var port);
            var wanted = string.IsNullOrEmpty(token) ? said : token.Trim();
            foreach (var c in wanted)
                if (c <= ' ' || c > '~')
                    throw Wrong("the token", "expected the one that `mocap live` printed at its start");
            return new ServerAddress(host, port, wanted);
        }

        /// <summary>As users know it; never the token.</summary>
        public override string ToString() => "ws://" + Place;

        /// <summary>Host and port as HTTP writes them.</summary>
        internal string Place =>
            (Host.Contains(":") ? $"[{Host}]" : Host) + ":" + Port.ToString(CultureInfo.InvariantCulture);

        /// <summary>The addresses to try, in order. May take a while; raises SocketException.</summary>
        internal IPAddress[] Resolve()
        {
            if (IPAddress.TryParse(Host, out var address))
                return new[] { address };
            var found = Dns.GetHostAddresses(Host);
            // a server of this computer listens on 127.0.0.1 unless it is told otherwise
            Array.Sort(found, (a, b) => Rank(a).CompareTo(Rank(b)));
            return found;
        }

        static int Rank(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1;

        static void Split(string text, string place, out string host, out int port)
        {
            host = place;
            var digits = "";
            var colon = place.LastIndexOf(':');
            if (place.StartsWith("[", StringComparison.Ordinal))
            {
                var end = place.IndexOf(']');
                if (end < 0 || end + 1 < place.Length && place[end + 1] != ':')
                    throw Wrong(text, "expected [address]:port");
                host = place.Substring(1, end - 1);
                digits = end + 1 < place.Length ? place.Substring(end + 2) : "";
            }
            else if (colon >= 0 && place.IndexOf(':') == colon)
            {
                host = place.Substring(0, colon);
                digits = place.Substring(colon + 1);
            }
            else if (colon < 0 && IsPort(place, out _))
            {
                host = "";
                digits = place;
            }
            port = DefaultPort;
            if (digits.Length > 0 && !IsPort(digits, out port))
                throw Wrong(text, "expected a port from 1 to 65535");
            host = host.Length > 0 ? host : DefaultHost;
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                throw Wrong(text, "expected ws://127.0.0.1:8765, or the address that `mocap live` printed");
        }

        static bool IsPort(string text, out int port) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port >= 1 && port <= 65535;

        static string TokenOf(string query)
        {
            foreach (var part in query.TrimStart('/', '?').Split('&'))
                if (part.StartsWith("token=", StringComparison.Ordinal))
                    return Uri.UnescapeDataString(part.Substring("token=".Length));
            return "";
        }

        static FormatException Wrong(string text, string why) => new FormatException($"{text}: {why}");
    }
}
