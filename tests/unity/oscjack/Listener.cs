using System;
using System.Globalization;
using System.Text;
using OscJack;

namespace MocapBridge.Client
{
    /// <summary>
    /// OscJack, a receiver by somebody else, prints the VMC that it hears on a port until standard
    /// input ends: address, text, numbers.
    /// </summary>
    static class Listener
    {
        static void Main(string[] arguments)
        {
            using (var server = new OscServer(int.Parse(arguments[0])))
            {
                foreach (var address in new[] { "/VMC/Ext/Bone/Pos", "/VMC/Ext/Root/Pos" })
                    server.MessageDispatcher.AddCallback(address, (heard, data) =>
                    {
                        var line = new StringBuilder(heard).Append(' ').Append(data.GetElementAsString(0));
                        for (var i = 1; i < data.GetElementCount(); i++)
                            line.Append(' ').Append(
                                data.GetElementAsFloat(i).ToString("R", CultureInfo.InvariantCulture));
                        Console.WriteLine(line);
                    });
                server.MessageDispatcher.AddCallback("/VMC/Ext/T", (heard, data) =>
                    Console.WriteLine(
                        heard + " - " + data.GetElementAsFloat(0).ToString("R", CultureInfo.InvariantCulture)));
                Console.WriteLine("listening");
                Console.In.ReadToEnd();
            }
        }
    }
}
