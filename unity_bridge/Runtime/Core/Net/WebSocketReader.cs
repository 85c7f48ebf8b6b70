using System;

namespace MocapBridge
{
    internal enum Opcode
    {
        Continuation = 0,
        Text = 1,
        Binary = 2,
        Close = 8,
        Ping = 9,
        Pong = 10,
    }

    /// <summary>A message as it lies in the buffer of its reader, until the reader is used again.</summary>
    internal struct WebSocketMessage
    {
        public Opcode Opcode;
        public byte[] Data;
        public int Start, Count;
    }

    /// <summary>
    /// Messages out of the bytes of a WebSocket, as a server sends them (RFC 6455, 5.2). No socket
    /// here: whoever has bytes writes them to <see cref="Space"/> and says how many.
    /// </summary>
    internal sealed class WebSocketReader
    {
        /// <summary>Bytes of a message, whole; a frame of 500 people is smaller.</summary>
        public const int Largest = 256 * 1024;

        const int LargestHeader = 10;

        byte[] _data = new byte[16 * 1024];
        int _start, _end;
        byte[] _parts = new byte[0]; // of a message that comes in fragments
        int _partsCount;
        Opcode _partsOpcode;

        /// <summary>Where bytes that come are to be written; call before each time.</summary>
        /// <returns>The buffer; room from <paramref name="at"/> on for <paramref name="count"/>.</returns>
        public byte[] Space(out int at, out int count)
        {
            if (_start > 0) // what was handed out is done with
            {
                Buffer.BlockCopy(_data, _start, _data, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }
            if (_end == _data.Length)
                Array.Resize(ref _data, Math.Min(2 * _data.Length, Largest + 2 * LargestHeader));
            at = _end;
            count = _data.Length - _end;
            return _data;
        }

        /// <summary>So many bytes were written.</summary>
        public void Came(int count) => _end += count;

        /// <summary>Bytes that came and are not read yet.</summary>
        public byte[] Unread(out int start, out int count)
        {
            start = _start;
            count = _end - _start;
            return _data;
        }

        /// <summary>So many of them need not be read.</summary>
        public void Skip(int count) => _start += count;

        /// <summary>
        /// The next message, if it is there whole. Raises ProtocolException: this is no WebSocket.
        /// </summary>
        public bool TryTake(out WebSocketMessage message)
        {
            message = default(WebSocketMessage);
            while (TryTakeFrame(out var opcode, out var final, out var start, out var count))
            {
                if (opcode >= Opcode.Close || final && opcode != Opcode.Continuation)
                {
                    if (opcode < Opcode.Close && _partsOpcode != Opcode.Continuation)
                        throw Wrong("a message within another");
                    message.Opcode = opcode;
                    message.Data = _data;
                    message.Start = start;
                    message.Count = count;
                    return true;
                }
                AddPart(opcode, start, count);
                if (final)
                {
                    message.Opcode = _partsOpcode;
                    message.Data = _parts;
                    message.Count = _partsCount;
                    _partsOpcode = Opcode.Continuation;
                    _partsCount = 0;
                    return true;
                }
            }
            return false;
        }

        bool TryTakeFrame(out Opcode opcode, out bool final, out int start, out int count)
        {
            opcode = default(Opcode);
            final = false;
            start = count = 0;
            var had = _end - _start;
            if (had < 2)
                return false;
            final = (_data[_start] & 0x80) != 0;
            opcode = (Opcode)(_data[_start] & 0x0f);
            var control = opcode >= Opcode.Close;
            if ((_data[_start] & 0x70) != 0 || opcode > Opcode.Pong
                || opcode > Opcode.Binary && !control)
                throw Wrong($"a frame that begins with {_data[_start]}");
            if ((_data[_start + 1] & 0x80) != 0)
                throw Wrong("a masked frame");
            long length = _data[_start + 1];
            if (control && (!final || length > 125))
                throw Wrong("a control frame in parts");
            var header = length < 126 ? 2 : length == 126 ? 4 : LargestHeader;
            if (had < header)
                return false;
            if (header > 2)
            {
                length = 0;
                for (var i = 2; i < header; i++)
                    length = length << 8 | _data[_start + i];
            }
            if (length < 0 || length + _partsCount > Largest)
                throw new ProtocolException(
                    $"expected messages of at most {Largest} bytes, got one of {length}");
            if (had < header + length)
                return false;
            start = _start + header;
            count = (int)length;
            _start = start + count;
            return true;
        }

        void AddPart(Opcode opcode, int start, int count)
        {
            if (opcode == Opcode.Continuation == (_partsOpcode == Opcode.Continuation))
                throw Wrong("parts out of order");
            if (opcode != Opcode.Continuation)
                _partsOpcode = opcode;
            if (_parts.Length < _partsCount + count)
                Array.Resize(ref _parts, Math.Max(_partsCount + count, 2 * _parts.Length));
            Buffer.BlockCopy(_data, start, _parts, _partsCount, count);
            _partsCount += count;
        }

        static ProtocolException Wrong(string found) =>
            new ProtocolException($"expected a WebSocket, got {found}");
    }
}
