using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("MocapBridge.Editor")]
[assembly: InternalsVisibleTo("MocapBridge.Tests")]
