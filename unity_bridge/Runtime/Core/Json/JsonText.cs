using System;
using System.Globalization;
using System.Text;

namespace MocapBridge
{
    /// <summary>Texts and numbers as JSON writes them. Not for the path of frames: it allocates.</summary>
    internal static class JsonText
    {
        /// <summary>What stands between quotes, with its escapes resolved.</summary>
        public static string Unescaped(string text)
        {
            var found = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] != '\\')
                {
                    found.Append(text[i]);
                    continue;
                }
                i++;
                var at = "\"\\/bfnrt".IndexOf(text[i]);
                if (at >= 0)
                    found.Append("\"\\/\b\f\n\r\t"[at]);
                else if (text[i] == 'u')
                    found.Append(Escape(text, i + 1, ref i));
                else
                    throw new ProtocolException($"JSON: \\{text[i]} is no escape");
            }
            return found.ToString();
        }

        /// <summary>
        /// Appends a text between quotes. All but ASCII is escaped, half surrogates too, so that
        /// the result is what every reader takes.
        /// </summary>
        public static StringBuilder AppendText(this StringBuilder json, string text)
        {
            json.Append('"');
            foreach (var c in text)
            {
                if (c == '"' || c == '\\')
                    json.Append('\\').Append(c);
                else if (c >= ' ' && c < 0x7f)
                    json.Append(c);
                else
                    json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            return json.Append('"');
        }

        /// <summary>Appends a number so that it reads as it was, in whatever country.</summary>
        public static StringBuilder AppendNumber(this StringBuilder json, double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
                throw new ArgumentException($"JSON has no number {value}");
            return json.Append(value.ToString("R", CultureInfo.InvariantCulture));
        }

        static char Escape(string text, int start, ref int at)
        {
            const NumberStyles hex = NumberStyles.AllowHexSpecifier;
            if (start + 4 > text.Length
                || !ushort.TryParse(
                    text.Substring(start, 4), hex, CultureInfo.InvariantCulture, out var code))
                throw new ProtocolException("JSON: \\u needs four hexadecimal digits");
            at = start + 3;
            return (char)code;
        }
    }
}
