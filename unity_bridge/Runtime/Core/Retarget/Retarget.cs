using System;

namespace MocapBridge
{
    /// <summary>
    /// Brings the poses of one person to one avatar, whatever the axes of its bones and its size.
    /// For one thread; allocates nothing after it is made.
    /// </summary>
    /// <remarks>
    /// Rotations of the stream are from the T-pose, so a bone with global turn G does the same on
    /// every body: the avatar's bone is at G * rest, rest being its rotation in the T-pose. Where
    /// either T-pose is not exact, what leads to it is taken off (see Stance):
    /// G * align(source) * inverse(align(avatar)) * rest.
    /// </remarks>
    public sealed class Retarget
    {
        readonly Cast _cast;
        readonly int _person;
        readonly Drive[] _drives;
        readonly bool[] _isDriven = new bool[HumanBones.Count];
        readonly Quat[] _before; // by index of the stream's skeleton: align of the source
        readonly Quat[] _after = new Quat[HumanBones.Count]; // inverse align of the avatar, and rest
        readonly HipsPlacement _hips;
        readonly FigurePose _figure = new FigurePose();

        /// <param name="cast">Whose bones the poses have.</param>
        /// <param name="person">The place of the person in the cast.</param>
        /// <param name="rest">The avatar.</param>
        /// <exception cref="ArgumentException">The avatar cannot be moved; says why.</exception>
        public Retarget(Cast cast, int person, AvatarRest rest)
        {
            var problem = rest.Problem();
            if (problem.Length > 0)
                throw new ArgumentException(problem);
            _cast = cast;
            _person = person;
            var skeleton = cast.Skeleton;
            var body = new RestFigure(cast, person);
            var source = new Stance(body.Has, body.At, body.Sole);
            var target = new Stance(rest.Has, rest.Position, foot => Ground(rest, foot));
            _drives = BoneDrives.Of(skeleton, rest);
            foreach (var drive in _drives)
                _isDriven[drive.Bone] = true;
            _before = new Quat[skeleton.Count];
            for (var index = 0; index < skeleton.Count; index++)
                _before[index] = skeleton.Bone(index) >= 0
                    ? source.Align[skeleton.Bone(index)] : Quat.Identity;
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (rest.Has(bone))
                    _after[bone] = target.Align[bone].Inverse() * rest.Rotation(bone);
            _hips = new HipsPlacement(skeleton, source, cast.Offset(person, 0), rest, target);
            Scale = _hips.Scale;
        }

        /// <summary>Of the travel; begins as the ratio of the legs' lengths.</summary>
        public float Scale { get; set; }

        /// <summary>How many bones are driven.</summary>
        public int DrivenCount => _drives.Length;

        /// <summary>The <paramref name="i"/>th of them by HumanBodyBones, parents first.</summary>
        public int Driven(int i) => _drives[i].Bone;

        /// <summary>Whether a bone of the avatar is driven; the others are nobody's business.</summary>
        public bool Drives(int bone) => _isDriven[bone];

        /// <summary>The pose on the avatar.</summary>
        public void Solve(PersonPose pose, AvatarPose into)
        {
            _figure.Solve(pose, _cast, _person);
            foreach (var drive in _drives)
            {
                var turned = _figure.Globals[drive.A] * _before[drive.A];
                if (drive.Weight > 0)
                    turned = Quat.Slerp(turned, _figure.Globals[drive.B] * _before[drive.B], drive.Weight);
                into.Rotations[drive.Bone] = (turned * _after[drive.Bone]).Normalized();
            }
            into.Hips = _hips.Hips(_figure, into.Rotations, Scale);
        }

        /// <summary>
        /// [m] An avatar stands on its root, or on its toes where they are lower; nobody knows where
        /// its feet are nowhere near.
        /// </summary>
        static float Ground(AvatarRest rest, int foot)
        {
            var toes = foot + HumanBones.LeftToes - HumanBones.LeftFoot;
            var ground = rest.Has(toes) ? Math.Min(rest.Position(toes).Y, 0) : 0;
            return rest.Position(foot).Y < 0.25f * rest.Position(HumanBones.Hips).Y ? ground : float.NaN;
        }
    }
}
