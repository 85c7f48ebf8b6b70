using System.Text;

namespace MocapBridge
{
    /// <summary>What somebody else said, fit to be shown in one line.</summary>
    internal static class Plain
    {
        /// <summary>
        /// The text without control characters and runs of spaces, cut where it is too long.
        /// </summary>
        public static string Line(string text, int length = 300)
        {
            var line = new StringBuilder();
            foreach (var c in text)
            {
                if (line.Length > length)
                    break;
                if (!char.IsControl(c) && !char.IsWhiteSpace(c) && !char.IsSurrogate(c))
                    line.Append(c);
                else if (line.Length > 0 && line[line.Length - 1] != ' ')
                    line.Append(' ');
            }
            var plain = line.ToString().TrimEnd();
            return plain.Length <= length ? plain : plain.Substring(0, length - 3) + "...";
        }
    }
}
