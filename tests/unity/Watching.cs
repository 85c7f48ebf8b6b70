using System;
using System.Threading;

namespace MocapBridge.Client
{
    /// <summary>
    /// Looks at a source as a game does, 60 times a second, and tells every change and every frame.
    /// Takes commands as lines: "record NAME", "stop", "people N", "calibrate", "slow MILLISECONDS".
    /// </summary>
    static class Watching
    {
        static volatile bool _over;
        static volatile int _pause = 16; // [ms]

        public static void Watch(IMotionSource source)
        {
            var client = source as StreamClient;
            var listener = new Thread(() => Obey(client)) { IsBackground = true };
            var line = new Line();
            var told = "";
            MotionFrame frame = null;
            Cast cast = null;
            var buffer = new JitterBuffer();
            var pose = new PersonPose();
            using (source)
            {
                source.Start();
                listener.Start();
                while (!_over)
                {
                    if (source.State + source.Problem != told)
                    {
                        told = source.State + source.Problem;
                        Tell(line, source);
                    }
                    while (source.TryTake(ref frame))
                    {
                        if (frame.Cast != cast)
                            TellCast(line, cast = frame.Cast);
                        Tell(line, frame);
                        buffer.Push(frame);
                    }
                    var now = Clock.Now;
                    for (var i = 0; i < buffer.Count; i++)
                        if (buffer.Sample(buffer.Id(i), now, pose))
                            Tell(line, pose);
                    Answer answer = null;
                    while (client != null && client.TryTakeAnswer(out answer))
                        Tell(line, answer);
                    Thread.Sleep(_pause);
                }
            }
            line.Begin('{').Key("ended").Value(source.State.ToString())
                .Key("received").Value(source.FramesReceived)
                .Key("dropped").Value(source.FramesDropped)
                .Key("latency").Value(client == null ? double.NaN : client.Latency)
                .Key("status").Value(client?.Status?.State ?? "").End('}').Write();
        }

        static void Obey(StreamClient client)
        {
            for (var said = Console.In.ReadLine(); said != null; said = Console.In.ReadLine())
            {
                var words = said.Split(new[] { ' ' }, 2);
                var request = 0;
                if (words[0] == "record")
                    request = client.Record(words[1], "a \"note\" \u00e9");
                else if (words[0] == "stop")
                    request = client.Stop();
                else if (words[0] == "people")
                    request = client.SetOption("people", double.Parse(words[1]));
                else if (words[0] == "calibrate")
                    request = client.Calibrate(1.75, 0.5);
                else if (words[0] == "slow")
                    _pause = int.Parse(words[1]);
                new Line().Begin('{').Key("asked").Value(words[0]).Key("request").Value(request).End('}').Write();
            }
            _over = true;
        }

        static void Tell(Line line, IMotionSource source) =>
            line.Begin('{').Key("state").Value(source.State.ToString())
                .Key("problem").Value(source.Problem).End('}').Write();

        static void TellCast(Line line, Cast cast)
        {
            line.Begin('{').Key("cast").Begin('[');
            for (var person = 0; person < cast.Count; person++)
                line.Value(cast.Id(person));
            line.End(']').Key("bones").Begin('[');
            for (var index = 0; index < cast.Skeleton.Count; index++)
                line.Value(cast.Skeleton.Name(index));
            line.End(']').Key("fps").Value(cast.Fps).Key("server").Value(cast.Server);
            if (cast.Count > 0)
            {
                line.Key("offsets").Begin('[');
                for (var index = 0; index < cast.Skeleton.Count; index++)
                    line.Value(cast.Offset(0, index));
                line.End(']');
            }
            line.End('}').Write();
        }

        static void Tell(Line line, MotionFrame frame)
        {
            line.Begin('{').Key("seq").Value(frame.Seq).Key("t").Value(frame.Time)
                .Key("session").Value(frame.Session).Key("people").Begin('[');
            for (var i = 0; i < frame.Count; i++)
            {
                var person = frame[i];
                line.Begin('{').Key("id").Value(person.Id).Key("state").Value(person.State.ToString())
                    .Key("root").Value(person.Root).Key("rotations").Begin('[');
                for (var index = 0; index < person.BoneCount; index++)
                    line.Value(person.Rotations[index]);
                line.End(']').End('}');
            }
            line.End(']').End('}').Write();
        }

        static void Tell(Line line, PersonPose pose) =>
            line.Begin('{').Key("shown").Value(pose.Id).Key("root").Value(pose.Root).End('}').Write();

        static void Tell(Line line, Answer answer) =>
            line.Begin('{').Key("answer").Value(answer.Kind.ToString()).Key("of").Value(answer.Of)
                .Key("request").Value(answer.Request).Key("message").Value(answer.Message)
                .Key("take").Value(answer.Content["take"].AsText()).End('}').Write();
    }
}
