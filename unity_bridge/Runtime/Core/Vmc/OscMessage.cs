using System;
using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// One message of Open Sound Control 1.0 as it lies in a datagram; nothing is allocated to look
    /// at it. Numbers are big-endian.
    /// </summary>
    internal struct OscMessage
    {
        static readonly byte[] Bundle = Ascii.Of("#bundle\0");

        byte[] _data;
        int _address, _addressCount;
        int _tags, _tagsCount;
        int _values, _end;

        /// <summary>Whether a packet is a bundle, whose elements begin 16 bytes later.</summary>
        public static bool IsBundle(byte[] data, int start, int end) =>
            end - start >= 16 && Equal(data, start, Bundle.Length, Bundle);

        /// <summary>The element of a bundle at a place, which moves behind it.</summary>
        /// <returns>False if none is left, or what is left is none.</returns>
        public static bool TryNextElement(byte[] data, ref int at, int end, out int start, out int stop)
        {
            start = stop = 0;
            if (end - at < 4)
                return false;
            var size = (int)Word(data, at);
            start = at + 4;
            if (size <= 0 || size % 4 != 0 || size > end - start)
                return false;
            stop = at = start + size;
            return true;
        }

        /// <summary>Reads a message; false if it is none.</summary>
        public static bool TryParse(byte[] data, int start, int end, out OscMessage message)
        {
            message = default(OscMessage);
            if (start >= end || data[start] != '/')
                return false;
            message._data = data;
            message._end = end;
            message._address = start;
            var at = start;
            if (!SkipText(data, ref at, end, out message._addressCount))
                return false;
            message._tags = at;
            if (at < end && data[at] == ',') // some leave them out where there are no values
            {
                if (!SkipText(data, ref at, end, out message._tagsCount))
                    return false;
                message._tags++;
                message._tagsCount--;
            }
            message._values = at;
            return true;
        }

        public bool AddressIs(byte[] address) => Equal(_data, _address, _addressCount, address);

        public bool AddressBegins(byte[] start) =>
            _addressCount >= start.Length && Equal(_data, _address, start.Length, start);

        public int TagCount => _tagsCount;

        /// <summary>Whether the types of the first values are these, as "sfff".</summary>
        public bool Begins(byte[] tags)
        {
            if (_tagsCount < tags.Length)
                return false;
            return Equal(_data, _tags, tags.Length, tags);
        }

        /// <summary>
        /// Goes over a text at the beginning of the values; false if it does not end.
        /// </summary>
        public bool TakeText(out int start, out int count)
        {
            start = _values;
            return SkipText(_data, ref _values, _end, out count);
        }

        public bool TakeInteger(out int value)
        {
            value = 0;
            if (_end - _values < 4)
                return false;
            value = (int)Word(_data, _values);
            _values += 4;
            return true;
        }

        /// <summary>A finite number; false if there is none.</summary>
        public bool TakeFloat(out float value)
        {
            value = 0;
            if (!TakeInteger(out var bits))
                return false;
            value = new FloatBits { Bits = bits }.Value;
            return !float.IsNaN(value) && !float.IsInfinity(value);
        }

        public byte[] Copy(int start, int count)
        {
            var bytes = new byte[count];
            Buffer.BlockCopy(_data, start, bytes, 0, count);
            return bytes;
        }

        public string Text(int start, int count) => Encoding.UTF8.GetString(_data, start, count);

        /// <summary>Whether a text that was taken is this one, in ASCII.</summary>
        public bool TextIs(int start, int count, byte[] text) => Equal(_data, start, count, text);

        static bool SkipText(byte[] data, ref int at, int end, out int count)
        {
            count = 0;
            while (at + count < end && data[at + count] != 0)
                count++;
            if (at + count >= end)
                return false;
            at = Math.Min(at + count / 4 * 4 + 4, end);
            return true;
        }

        static bool Equal(byte[] data, int at, int count, byte[] expected)
        {
            if (count != expected.Length)
                return false;
            for (var i = 0; i < count; i++)
                if (data[at + i] != expected[i])
                    return false;
            return true;
        }

        static uint Word(byte[] data, int at) =>
            (uint)(data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]);
    }
}
