using System;
using System.Globalization;
using System.Text;

namespace MocapBridge.Client
{
    /// <summary>One line of JSON in the making.</summary>
    sealed class Line
    {
        readonly StringBuilder _text = new StringBuilder();

        public Line Key(string name) => Comma().Raw("\"" + name + "\":");

        public Line Value(string text) =>
            Comma().Raw("\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"");

        public Line Value(double number) =>
            Comma().Raw(double.IsNaN(number) ? "null" : number.ToString("R", CultureInfo.InvariantCulture));

        public Line Value(Vec3 v) => Begin('[').Value(v.X).Value(v.Y).Value(v.Z).End(']');

        public Line Value(Quat q) => Begin('[').Value(q.X).Value(q.Y).Value(q.Z).Value(q.W).End(']');

        public Line Begin(char bracket) => Comma().Raw(bracket.ToString());

        public Line End(char bracket) => Raw(bracket.ToString());

        public void Write()
        {
            lock (Console.Out)
            {
                Console.Out.WriteLine(_text.ToString());
                Console.Out.Flush();
            }
            _text.Clear();
        }

        Line Comma()
        {
            if (_text.Length > 0 && "[{:".IndexOf(_text[_text.Length - 1]) < 0)
                _text.Append(',');
            return this;
        }

        Line Raw(string text)
        {
            _text.Append(text);
            return this;
        }
    }
}
