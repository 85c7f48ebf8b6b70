using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// Who may be on stage, with which bones. Immutable: whenever somebody appears or a body is
    /// measured anew there is a new one, so that a change shows in the reference.
    /// </summary>
    public sealed class Cast
    {
        readonly int[] _ids;
        readonly Vec3[][] _offsets;
        readonly Dictionary<int, int> _places = new Dictionary<int, int>();

        /// <summary>
        /// The arrays are kept. Offsets are in Unity's axes, one for each bone of each person.
        /// </summary>
        public Cast(Skeleton skeleton, int[] ids, Vec3[][] offsets, double fps, string server)
        {
            Skeleton = skeleton;
            _ids = ids;
            _offsets = offsets;
            Fps = fps;
            Server = server;
            for (var person = 0; person < ids.Length; person++)
                _places[ids[person]] = person;
        }

        public Skeleton Skeleton { get; }

        /// <summary>[1/s] Nominal rate of the frames.</summary>
        public double Fps { get; }

        /// <summary>Name and version of the program that sends.</summary>
        public string Server { get; }

        /// <summary>How many people.</summary>
        public int Count => _ids.Length;

        /// <summary>The number of a person, which stays theirs.</summary>
        public int Id(int person) => _ids[person];

        /// <summary>The place of the person with this number, -1 if there is nobody.</summary>
        public int IndexOf(int id) => _places.TryGetValue(id, out var person) ? person : -1;

        /// <summary>[m] Rest position of a bone in its parent, of one person.</summary>
        public Vec3 Offset(int person, int index) => _offsets[person][index];
    }
}
