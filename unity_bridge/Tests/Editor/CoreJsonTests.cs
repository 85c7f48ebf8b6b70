using System;
using System.Globalization;
using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>The reader of JSON takes what is strict JSON, and nothing else.</summary>
    public class CoreJsonTests
    {
        [TestCase("0", 0.0)]
        [TestCase("-0.0", -0.0)]
        [TestCase("12.5", 12.5)]
        [TestCase("-1E+2", -100.0)]
        [TestCase("0.1", 0.1)]
        [TestCase("0.707107", 0.707107)]
        [TestCase("1e-7", 1e-7)]
        [TestCase("123456789012345678901234567890", 123456789012345678901234567890.0)]
        [TestCase("0.000000000000000000000000000001", 1e-30)]
        [TestCase("1e-400", 0.0)]
        [TestCase("1.7976931348623157e308", double.MaxValue)]
        public void NumbersAreWhatTheySay(string text, double expected)
        {
            Assert.That(JsonValue.Parse(text).AsDouble(double.NaN), Is.EqualTo(expected).Within(2).Ulps);
        }

        [Test]
        public void NumbersAsAServerWritesThemAreExact()
        {
            var random = new Random(4);
            for (var i = 0; i < 20000; i++)
            {
                var value = Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(7)), random.Next(8));
                var text = value.ToString("R", CultureInfo.InvariantCulture);
                Assert.That(JsonValue.Parse(text).AsDouble(), Is.EqualTo(value), text);
            }
        }

        [TestCase("")]
        [TestCase(" ")]
        [TestCase("{")]
        [TestCase("[1,]")]
        [TestCase("[1 2]")]
        [TestCase("{\"a\":1,}")]
        [TestCase("{\"a\" 1}")]
        [TestCase("{a:1}")]
        [TestCase("[1] []")]
        [TestCase("01")]
        [TestCase("+1")]
        [TestCase("-")]
        [TestCase("1.")]
        [TestCase(".5")]
        [TestCase("1e")]
        [TestCase("1e999")]
        [TestCase("NaN")]
        [TestCase("Infinity")]
        [TestCase("-Infinity")]
        [TestCase("tru")]
        [TestCase("nul")]
        [TestCase("\"abc")]
        [TestCase("\"a\nb\"")]
        [TestCase("\"\\x\"")]
        [TestCase("\"\\u12\"")]
        [TestCase("\"\\u12g4\"")]
        [TestCase("'a'")]
        [TestCase("[1}")]
        public void WhatIsNoJsonIsRefused(string text)
        {
            Assert.Throws<ProtocolException>(() => JsonValue.Parse(text));
        }

        [Test]
        public void DepthIsLimited()
        {
            var deepest = JsonReader.Deepest;
            JsonValue.Parse(new string('[', deepest) + new string(']', deepest));
            Assert.Throws<ProtocolException>(
                () => JsonValue.Parse(new string('[', deepest + 1) + new string(']', deepest + 1)));
            Assert.Throws<ProtocolException>(() => JsonValue.Parse(new string('[', 100000)));
            var skipping = Encoding.ASCII.GetBytes(new string('{', 100000));
            Assert.Throws<ProtocolException>(() => new JsonReader(skipping, 0, skipping.Length).Skip());
        }

        [Test]
        public void BytesThatAreNoTextAreRefused()
        {
            var data = new byte[] { (byte)'"', 0xff, 0xfe, (byte)'"' };
            Assert.Throws<ProtocolException>(() => JsonValue.Parse(data, 0, data.Length));
        }

        [TestCase("")]
        [TestCase("a \"quote\" and \\ and / and \t\r\n\u0001")]
        [TestCase("Gr\u00fc\u00dfe \u8df3 \ud83d\ude00")]
        public void TextsComeBackAsTheyWent(string text)
        {
            var json = new StringBuilder().AppendText(text).ToString();
            Assert.That(JsonValue.Parse(json).AsText(null), Is.EqualTo(text));
            var plain = "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
            if (text.IndexOf('\n') < 0)
                Assert.That(JsonValue.Parse(plain).AsText(null), Is.EqualTo(text));
        }

        [Test]
        public void WhatIsNotThereIsMissing()
        {
            var value = JsonValue.Parse("{\"a\":[1,{\"b\":true}],\"c\":null}");
            Assert.That(value["a"][1]["b"].AsBool());
            Assert.That(value["c"].IsNull);
            Assert.That(value["x"]["y"][7].IsMissing);
            Assert.That(value["a"][2].AsDouble(5), Is.EqualTo(5));
            Assert.That(value["a"].AsText("none"), Is.EqualTo("none"));
        }

        [TestCase(0L)]
        [TestCase(7L)]
        [TestCase(-10L)]
        [TestCase(4294967295L)]
        [TestCase(9007199254740991L)]
        public void WholeNumbersAreWrittenInDecimal(long value)
        {
            var data = new byte[32];
            var end = Ascii.Write(data, 3, value);
            Assert.That(
                Encoding.ASCII.GetString(data, 3, end - 3),
                Is.EqualTo(value.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
