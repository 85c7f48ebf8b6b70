using System.Collections.Generic;
using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// A value of a JSON document that was read, for messages that come now and then. Reading never
    /// fails for what is not there: it is <see cref="Missing"/>, and turns into what is asked for.
    /// </summary>
    /// <example><code>var take = content["recording"]["name"].AsText("");</code></example>
    public sealed class JsonValue
    {
        /// <summary>What is found where nothing is.</summary>
        public static readonly JsonValue Missing = new JsonValue(JsonKind.Missing);

        readonly JsonKind _kind;
        readonly string _text;
        readonly double _number;
        readonly Dictionary<string, JsonValue> _members;
        readonly List<JsonValue> _elements;

        JsonValue(
            JsonKind kind, string text = null, double number = 0,
            Dictionary<string, JsonValue> members = null, List<JsonValue> elements = null)
        {
            _kind = kind;
            _text = text;
            _number = number;
            _members = members;
            _elements = elements;
        }

        /// <summary>Reads a document. Raises ProtocolException: it is no strict JSON.</summary>
        public static JsonValue Parse(string text)
        {
            var data = Encoding.UTF8.GetBytes(text);
            return Parse(data, 0, data.Length);
        }

        /// <summary>Reads a document in UTF-8. Raises ProtocolException: it is no strict JSON.</summary>
        public static JsonValue Parse(byte[] utf8, int start, int count)
        {
            var reader = new JsonReader(utf8, start, count);
            var value = Read(ref reader);
            reader.End();
            return value;
        }

        public bool IsMissing => _kind == JsonKind.Missing;

        public bool IsNull => _kind == JsonKind.Null;

        public bool IsObject => _kind == JsonKind.Object;

        public bool IsArray => _kind == JsonKind.Array;

        public bool IsText => _kind == JsonKind.Text;

        public bool IsNumber => _kind == JsonKind.Number;

        /// <summary>Whether it is a number without a fraction of at most 2^53.</summary>
        public bool IsInteger =>
            IsNumber && _number == System.Math.Floor(_number)
            && System.Math.Abs(_number) <= JsonReader.Safe;

        public bool IsBoolean => _kind == JsonKind.True || _kind == JsonKind.False;

        /// <summary>Elements of an array, members of an object; 0 of anything else.</summary>
        public int Count => _elements != null ? _elements.Count : _members != null ? _members.Count : 0;

        public JsonValue this[string key] =>
            _members != null && _members.TryGetValue(key, out var value) ? value : Missing;

        public JsonValue this[int index] =>
            _elements != null && index >= 0 && index < _elements.Count ? _elements[index] : Missing;

        /// <summary>The keys of an object; none of anything else.</summary>
        public IEnumerable<string> Keys =>
            _members != null ? (IEnumerable<string>)_members.Keys : new string[0];

        public string AsText(string otherwise = "") => IsText ? _text : otherwise;

        public double AsDouble(double otherwise = 0) => IsNumber ? _number : otherwise;

        public bool AsBool(bool otherwise = false) => IsBoolean ? _kind == JsonKind.True : otherwise;

        /// <summary>What it is, as an error message shows it.</summary>
        public override string ToString()
        {
            switch (_kind)
            {
                case JsonKind.Object: return "an object";
                case JsonKind.Array: return $"a list of {Count}";
                case JsonKind.Text: return $"\"{Plain.Line(_text, 40)}\"";
                case JsonKind.Number: return new StringBuilder().AppendNumber(_number).ToString();
                case JsonKind.Missing: return "nothing";
                default: return _kind.ToString().ToLowerInvariant();
            }
        }

        static JsonValue Read(ref JsonReader reader)
        {
            var kind = reader.Peek();
            switch (kind)
            {
                case JsonKind.Object:
                    var members = new Dictionary<string, JsonValue>();
                    reader.BeginObject();
                    while (reader.NextMember())
                    {
                        var key = reader.Key();
                        members[key] = Read(ref reader);
                    }
                    return new JsonValue(kind, members: members);
                case JsonKind.Array:
                    var elements = new List<JsonValue>();
                    reader.BeginArray();
                    while (reader.NextElement())
                        elements.Add(Read(ref reader));
                    return new JsonValue(kind, elements: elements);
                case JsonKind.Text:
                    return new JsonValue(kind, reader.Text());
                case JsonKind.Number:
                    return new JsonValue(kind, number: reader.Number());
                case JsonKind.Null:
                    reader.Null();
                    return new JsonValue(kind);
                default:
                    reader.Boolean();
                    return new JsonValue(kind);
            }
        }
    }
}
