using System;

namespace MocapBridge
{
    /// <summary>
    /// What came is not what was expected, or nothing comes any more; says what was expected and
    /// what was found. Another try may do better.
    /// </summary>
    public class ProtocolException : FormatException
    {
        public ProtocolException(string message) : base(message)
        {
        }
    }

    /// <summary>Another try would end the same way; says why, and what would work.</summary>
    public sealed class RefusedException : ProtocolException
    {
        public RefusedException(string message) : base(message)
        {
        }
    }
}
