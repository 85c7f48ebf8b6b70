using System;

namespace MocapBridge
{
    /// <summary>
    /// Reads a number of strict JSON without making a text of it. What a server writes, up to 15
    /// digits, comes out exact; anything longer to the last digit or the one before.
    /// </summary>
    internal struct JsonNumber
    {
        const ulong Full = 1000000000000000000; // one digit more fits

        static readonly double[] Tens =
        {
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        };

        byte[] _data;
        int _at, _end;
        ulong _mantissa;
        int _exponent;

        /// <summary>
        /// The finite number that begins at a place, which moves behind it. Raises
        /// ProtocolException: there is none, or it is too large.
        /// </summary>
        /// <param name="isWhole">Whether it has neither a fraction nor an exponent.</param>
        public static double Read(byte[] data, ref int at, int end, out bool isWhole)
        {
            var number = new JsonNumber { _data = data, _at = at, _end = end };
            var value = number.Read(out isWhole);
            at = number._at;
            return value;
        }

        public static bool IsDigit(byte c) => c >= '0' && c <= '9';

        double Read(out bool isWhole)
        {
            var start = _at;
            var isNegative = TryRead('-');
            if (!TryRead('0'))
                ReadDigits(0);
            var whole = _at;
            if (TryRead('.'))
                ReadDigits(1);
            if (TryRead('e') || TryRead('E'))
                ReadExponent();
            isWhole = _at == whole;
            var value = Scaled(_mantissa, _exponent);
            if (double.IsInfinity(value))
                throw new ProtocolException($"JSON: a number at byte {start} is too large");
            return isNegative ? -value : value;
        }

        bool TryRead(char expected)
        {
            if (_at >= _end || _data[_at] != expected)
                return false;
            _at++;
            return true;
        }

        /// <summary>At least one digit; what no longer fits counts by its place alone.</summary>
        /// <param name="places">1 behind the point, 0 before it.</param>
        void ReadDigits(int places)
        {
            RequireDigit();
            for (; _at < _end && IsDigit(_data[_at]); _at++)
            {
                if (_mantissa < Full)
                {
                    _mantissa = 10 * _mantissa + (ulong)(_data[_at] - '0');
                    _exponent -= places;
                }
                else
                {
                    _exponent += 1 - places;
                }
            }
        }

        void ReadExponent()
        {
            var isNegative = TryRead('-');
            if (!isNegative)
                TryRead('+');
            RequireDigit();
            var exponent = 0;
            for (; _at < _end && IsDigit(_data[_at]); _at++)
                exponent = Math.Min(10 * exponent + (_data[_at] - '0'), 1000000);
            _exponent += isNegative ? -exponent : exponent;
        }

        void RequireDigit()
        {
            if (_at >= _end || !IsDigit(_data[_at]))
                throw new ProtocolException($"JSON: expected a digit at byte {_at}");
        }

        /// <summary>Exact where both factors are: below 2^53, and powers up to 22.</summary>
        static double Scaled(ulong mantissa, int exponent)
        {
            if (mantissa == 0)
                return 0;
            if (exponent < 0 && exponent >= -22)
                return mantissa / Tens[-exponent];
            if (exponent >= 0 && exponent <= 22)
                return mantissa * Tens[exponent];
            return exponent < -300
                ? mantissa * 1e-300 * Math.Pow(10, exponent + 300)
                : mantissa * Math.Pow(10, exponent);
        }
    }
}
