using System;
using System.Text;

namespace MocapBridge
{
    internal enum JsonKind
    {
        Missing,
        Object,
        Array,
        Text,
        Number,
        True,
        False,
        Null,
    }

    /// <summary>
    /// Reads strict JSON from UTF-8 bytes, value by value, and allocates nothing unless a text is
    /// asked for. Raises ProtocolException at the first byte that is wrong.
    /// </summary>
    /// <example><code>
    /// reader.BeginObject();
    /// while (reader.NextMember())
    ///     if (reader.KeyIs(Seq)) seq = reader.Integer();
    ///     else reader.Skip();
    /// </code></example>
    internal struct JsonReader
    {
        /// <summary>Objects and arrays in each other.</summary>
        public const int Deepest = 32;

        /// <summary>2^53: whole numbers beyond it are not exact in many languages.</summary>
        public const double Safe = 9007199254740992.0;

        static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        readonly byte[] _data;
        readonly int _end;
        int _at;
        int _depth;
        ulong _begun; // by depth: whether an element was read already
        int _keyStart, _keyEnd;
        bool _keyEscaped;

        public JsonReader(byte[] data, int start, int count)
        {
            _data = data;
            _at = start;
            _end = start + count;
            _depth = 0;
            _begun = 0;
            _keyStart = _keyEnd = 0;
            _keyEscaped = false;
        }

        /// <summary>What the next value is.</summary>
        public JsonKind Peek()
        {
            SkipSpace();
            var c = _at < _end ? _data[_at] : (byte)0;
            switch (c)
            {
                case (byte)'{': return JsonKind.Object;
                case (byte)'[': return JsonKind.Array;
                case (byte)'"': return JsonKind.Text;
                case (byte)'t': return JsonKind.True;
                case (byte)'f': return JsonKind.False;
                case (byte)'n': return JsonKind.Null;
            }
            if (c == '-' || JsonNumber.IsDigit(c))
                return JsonKind.Number;
            throw Wrong("a value");
        }

        public void BeginObject() => Begin('{', "an object");

        /// <summary>Goes to the next member's value; false, behind the object, if there is none.</summary>
        public bool NextMember()
        {
            if (!Next('}'))
                return false;
            if (_at >= _end || _data[_at] != '"')
                throw Wrong("a key");
            ScanText(out _keyStart, out _keyEnd, out _keyEscaped);
            SkipSpace();
            Expect(':');
            return true;
        }

        public void BeginArray() => Begin('[', "a list");

        /// <summary>Goes to the next element; false, behind the array, if there is none.</summary>
        public bool NextElement() => Next(']');

        /// <summary>Whether the key of the member is this one, in ASCII.</summary>
        public bool KeyIs(byte[] name) => Matches(_keyStart, _keyEnd, _keyEscaped, name);

        public string Key() => Decoded(_keyStart, _keyEnd, _keyEscaped);

        /// <summary>Reads a text; whether it is this one, in ASCII.</summary>
        public bool TextIs(byte[] expected)
        {
            TextSpan(out var start, out var end, out var escaped);
            return Matches(start, end, escaped, expected);
        }

        public string Text()
        {
            TextSpan(out var start, out var end, out var escaped);
            return Decoded(start, end, escaped);
        }

        public bool Boolean()
        {
            switch (Peek())
            {
                case JsonKind.True: Literal("true"); return true;
                case JsonKind.False: Literal("false"); return false;
            }
            throw Wrong("true or false");
        }

        public void Null()
        {
            SkipSpace();
            Literal("null");
        }

        /// <summary>A finite number.</summary>
        public double Number()
        {
            SkipSpace();
            return JsonNumber.Read(_data, ref _at, _end, out _);
        }

        /// <summary>A whole number of at most 2^53, written without a fraction.</summary>
        public long Integer()
        {
            SkipSpace();
            var start = _at;
            var value = JsonNumber.Read(_data, ref _at, _end, out var isWhole);
            if (!isWhole || Math.Abs(value) > Safe)
                throw new ProtocolException(
                    $"JSON: expected a whole number of at most 2^53 at byte {start}");
            return (long)value;
        }

        /// <summary>Reads over the next value, whatever it is.</summary>
        public void Skip()
        {
            switch (Peek())
            {
                case JsonKind.Object:
                    BeginObject();
                    while (NextMember())
                        Skip();
                    break;
                case JsonKind.Array:
                    BeginArray();
                    while (NextElement())
                        Skip();
                    break;
                case JsonKind.Text:
                    ScanText(out _, out _, out _);
                    break;
                case JsonKind.Number:
                    Number();
                    break;
                case JsonKind.Null:
                    Null();
                    break;
                default:
                    Boolean();
                    break;
            }
        }

        /// <summary>Nothing may follow.</summary>
        public void End()
        {
            SkipSpace();
            if (_at < _end)
                throw Wrong("the end");
        }

        void Begin(char open, string what)
        {
            SkipSpace();
            if (_at >= _end || _data[_at] != open)
                throw Wrong(what);
            _at++;
            if (++_depth > Deepest)
                throw new ProtocolException($"JSON: nested more than {Deepest} deep");
            _begun &= ~(1UL << _depth);
        }

        bool Next(char close)
        {
            SkipSpace();
            var begun = (_begun & 1UL << _depth) != 0;
            if (_at < _end && _data[_at] == close)
            {
                _at++;
                _depth--;
                return false;
            }
            if (begun)
                Expect(',');
            _begun |= 1UL << _depth;
            SkipSpace();
            return true;
        }

        void Expect(char expected)
        {
            if (_at >= _end || _data[_at] != expected)
                throw Wrong($"a {expected}");
            _at++;
        }

        void Literal(string word)
        {
            foreach (var letter in word)
            {
                if (_at >= _end || _data[_at] != letter)
                    throw Wrong(word);
                _at++;
            }
        }

        void SkipSpace()
        {
            while (_at < _end && IsSpace(_data[_at]))
                _at++;
        }

        void TextSpan(out int start, out int end, out bool escaped)
        {
            if (Peek() != JsonKind.Text)
                throw Wrong("a text");
            ScanText(out start, out end, out escaped);
        }

        /// <summary>Where the text at hand is, between its quotes.</summary>
        void ScanText(out int start, out int end, out bool escaped)
        {
            start = ++_at;
            escaped = false;
            for (; _at < _end && _data[_at] != '"'; _at++)
            {
                if (_data[_at] < 0x20)
                    throw Wrong("a text without control characters");
                if (_data[_at] == '\\')
                {
                    escaped = true;
                    _at++;
                }
            }
            if (_at >= _end)
                throw Wrong("the end of a text");
            end = _at++;
        }

        bool Matches(int start, int end, bool escaped, byte[] name)
        {
            if (escaped)
                return Decoded(start, end, true) == Encoding.ASCII.GetString(name);
            if (end - start != name.Length)
                return false;
            for (var i = 0; i < name.Length; i++)
                if (_data[start + i] != name[i])
                    return false;
            return true;
        }

        string Decoded(int start, int end, bool escaped)
        {
            try
            {
                var text = Utf8.GetString(_data, start, end - start);
                return escaped ? JsonText.Unescaped(text) : text;
            }
            catch (DecoderFallbackException)
            {
                throw new ProtocolException("JSON: expected UTF-8 text, got other bytes");
            }
        }

        static bool IsSpace(byte c) => c == ' ' || c == '\n' || c == '\r' || c == '\t';

        ProtocolException Wrong(string expected) =>
            new ProtocolException(
                _at >= _end
                    ? $"JSON: expected {expected}, got the end after {_end} bytes"
                    : $"JSON: expected {expected} at byte {_at}, got {Shown(_data[_at])}");

        static string Shown(byte c) => c > 0x20 && c < 0x7f ? ((char)c).ToString() : $"byte {c}";
    }
}
