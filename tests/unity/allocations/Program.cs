using System;

namespace MocapBridge.Client
{
    /// <summary>
    /// Counts what is allocated from the socket to the avatar. What a client does in two threads
    /// happens here in one, because the runtime counts for each thread, to the byte.
    /// </summary>
    static class Program
    {
        const int Warm = 300; // frames in which everything is made and compiled

        public static object Kept;

        static void Main(string[] arguments)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Kept = new byte[1000];
            Kept = new object();
            var counted = GC.GetAllocatedBytesForCurrentThread() - before;

            var frames = int.Parse(arguments[2]);
            var queue = new FrameQueue(8);
            using (var socket = WebSocket.Open(
                ServerAddress.Parse(arguments[0]), "mocap.v1." + arguments[1], () => false))
            {
                var talk = new Conversation(socket, queue, new Requests(), new LatestBytes(), 1);
                while (talk.Cast == null)
                    talk.Step();
                var game = new Game(talk.Cast, queue);
                while (talk.Received < Warm)
                    Step(talk, game);
                before = GC.GetAllocatedBytesForCurrentThread();
                var begun = talk.Received;
                while (talk.Received < begun + frames)
                    Step(talk, game);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Console.WriteLine(
                    $"{{\"counted\":{counted},\"frames\":{talk.Received - begun},\"bytes\":{allocated},"
                    + $"\"solved\":{game.Solved},\"collections\":{GC.CollectionCount(0)}}}");
            }
        }

        static void Step(Conversation talk, Game game)
        {
            talk.Step();
            game.Update();
        }

        /// <summary>What a game does with what came.</summary>
        sealed class Game
        {
            readonly FrameQueue _queue;
            readonly JitterBuffer _buffer = new JitterBuffer();
            readonly PersonPose _pose = new PersonPose();
            readonly AvatarPose _avatar = new AvatarPose();
            readonly Retarget _retarget;
            MotionFrame _frame;

            public Game(Cast cast, FrameQueue queue)
            {
                _queue = queue;
                var figure = new RestFigure(cast, 0);
                var rest = new AvatarRest();
                for (var bone = 0; bone < HumanBones.Count; bone++)
                    if (figure.Has(bone))
                        rest.Set(bone, figure.At(bone), Quat.Identity);
                _retarget = new Retarget(cast, 0, rest);
            }

            public long Solved { get; private set; }

            public void Update()
            {
                while (_queue.TryTake(ref _frame))
                    _buffer.Push(_frame);
                for (var i = 0; i < _buffer.Count; i++)
                {
                    if (!_buffer.Sample(_buffer.Id(i), Clock.Now, _pose))
                        continue;
                    _retarget.Solve(_pose, _avatar);
                    Solved++;
                }
            }
        }
    }
}
