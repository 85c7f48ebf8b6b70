using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace MocapBridge.Client
{
    /// <summary>
    /// Core as a program, for tests: what it sees is written to standard output, a JSON object a
    /// line, until standard input ends.
    /// </summary>
    static class Program
    {
        static int Main(string[] arguments)
        {
            Thread.CurrentThread.CurrentCulture = new CultureInfo("de-DE"); // 1,5: nothing may care
            var what = arguments.Length > 0 ? arguments[0] : "";
            switch (what)
            {
                case "stream":
                    var encoding = arguments[2] == "bin" ? FrameEncoding.Binary : FrameEncoding.Json;
                    Watching.Watch(new StreamClient(Address(arguments), encoding));
                    return 0;
                case "vmc":
                    Watching.Watch(new VmcReceiver(int.Parse(arguments[1])));
                    return 0;
                case "retarget":
                    Retargeting.Answer(Console.In);
                    return 0;
                case "bones":
                    for (var bone = 0; bone < HumanBones.Count; bone++)
                        Console.WriteLine(
                            $"{HumanBones.UnityName(bone)} {HumanBones.ProtocolName(bone)} {HumanBones.Parent(bone)}");
                    return 0;
                default:
                    Console.Error.WriteLine("expected stream, vmc, retarget or bones");
                    return 2;
            }
        }

        static ServerAddress Address(string[] arguments) =>
            ServerAddress.Parse(arguments[1], arguments.Length > 3 ? arguments[3] : "");
    }
}
