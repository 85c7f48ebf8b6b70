using System;

namespace MocapBridge
{
    /// <summary>
    /// A message as a client sends it: masked (RFC 6455, 5.3). The masks need not be secret, as
    /// nobody else decides what is sent, so they come from a small generator (xorshift).
    /// </summary>
    internal sealed class WebSocketWriter
    {
        const int Header = 8; // bytes at most: two, a length of two, a mask of four

        byte[] _data = new byte[1024];
        uint _random = (uint)Environment.TickCount | 1;

        /// <summary>The bytes to send, from 0 on; valid until the next call.</summary>
        public byte[] Data => _data;

        /// <summary>Writes a message of at most 64 KiB, in one frame; returns the bytes of it.</summary>
        public int Write(Opcode opcode, byte[] payload, int start, int count)
        {
            if (count > ushort.MaxValue)
                throw new ArgumentException("a message to the server has at most 65535 bytes");
            if (_data.Length < Header + count)
                _data = new byte[Header + count];
            var at = 0;
            _data[at++] = (byte)(0x80 | (int)opcode);
            if (count < 126)
            {
                _data[at++] = (byte)(0x80 | count);
            }
            else
            {
                _data[at++] = 0x80 | 126;
                _data[at++] = (byte)(count >> 8);
                _data[at++] = (byte)count;
            }
            var mask = at;
            _random ^= _random << 13;
            _random ^= _random >> 17;
            _random ^= _random << 5;
            for (var i = 0; i < 4; i++)
                _data[at++] = (byte)(_random >> 8 * i);
            for (var i = 0; i < count; i++)
                _data[at++] = (byte)(payload[start + i] ^ _data[mask + (i & 3)]);
            return at;
        }
    }
}
