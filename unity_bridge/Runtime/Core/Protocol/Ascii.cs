using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// The words of the protocol as bytes: what comes is compared with them as it lies there, and
    /// no text is made of it.
    /// </summary>
    internal static class Ascii
    {
        public static readonly byte[] Type = Of("type");
        public static readonly byte[] Frame = Of("frame");
        public static readonly byte[] Status = Of("status");
        public static readonly byte[] Pong = Of("pong");
        public static readonly byte[] Clock = Of("clock");
        public static readonly byte[] Seq = Of("seq");
        public static readonly byte[] T = Of("t");
        public static readonly byte[] People = Of("people");
        public static readonly byte[] Id = Of("id");
        public static readonly byte[] State = Of("state");
        public static readonly byte[] Lost = Of("lost");
        public static readonly byte[] Held = Of("held");
        public static readonly byte[] Tracked = Of("tracked");
        public static readonly byte[] Confidence = Of("confidence");
        public static readonly byte[] Root = Of("root");
        public static readonly byte[] Rotations = Of("rotations");
        public static readonly byte[] Contacts = Of("contacts");
        public static readonly byte[] LeftFoot = Of("leftFoot");
        public static readonly byte[] RightFoot = Of("rightFoot");

        public static byte[] Of(string word) => Encoding.ASCII.GetBytes(word);

        /// <summary>Writes a number in decimal; returns where what follows goes.</summary>
        public static int Write(byte[] data, int at, long value)
        {
            if (value < 0)
            {
                data[at++] = (byte)'-';
                value = -value;
            }
            var digits = 1;
            for (var rest = value; rest >= 10; rest /= 10)
                digits++;
            for (var i = digits - 1; i >= 0; i--, value /= 10)
                data[at + i] = (byte)('0' + value % 10);
            return at + digits;
        }
    }
}
