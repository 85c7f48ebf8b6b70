namespace MocapBridge
{
    public enum AnswerKind
    {
        /// <summary>What was asked was done, or will be.</summary>
        Ack,

        /// <summary>It was not; or, without a request, something is wrong that concerns all.</summary>
        Error,

        /// <summary>The server says something by itself.</summary>
        Note,
    }

    /// <summary>What a server answers to a request, or says by itself. Immutable.</summary>
    public sealed class Answer
    {
        internal Answer(AnswerKind kind, string of, int request, string message, JsonValue content)
        {
            Kind = kind;
            Of = of;
            Request = request;
            Message = message;
            Content = content;
        }

        public AnswerKind Kind { get; }

        /// <summary>What was asked: record, stop, calibrate, set, takes; empty if nothing was.</summary>
        public string Of { get; }

        /// <summary>Number of the request, as it was returned; 0 if it answers none.</summary>
        public int Request { get; }

        /// <summary>A sentence for users; empty for most acks.</summary>
        public string Message { get; }

        /// <summary>All that was said, as docs/protocol.md has it: the "take" of a record.</summary>
        public JsonValue Content { get; }

        internal static Answer From(AnswerKind kind, JsonValue message)
        {
            var request = message["request"];
            var own = request.IsInteger && request.AsDouble() > 0 && request.AsDouble() < int.MaxValue;
            return new Answer(
                kind, Plain.Line(message["of"].AsText()), own ? (int)request.AsDouble() : 0,
                Plain.Line(message["message"].AsText()), message);
        }

        internal static Answer Failed(string of, int request, string why) =>
            new Answer(AnswerKind.Error, of, request, $"{of}: {why}", JsonValue.Missing);
    }
}
