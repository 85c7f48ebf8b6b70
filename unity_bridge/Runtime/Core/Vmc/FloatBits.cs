using System.Runtime.InteropServices;

namespace MocapBridge
{
    /// <summary>The same four bytes as a whole number and as a float.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct FloatBits
    {
        [FieldOffset(0)] public int Bits;
        [FieldOffset(0)] public float Value;
    }
}
