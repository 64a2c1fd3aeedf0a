namespace DocIngest.Worker.Alarms.Ways;

/// <summary>A way to a recipient.</summary>
internal interface IAlarmWay
{
    /// <summary>Sends a letter. On return the other side has it.</summary>
    /// <exception cref="AlarmNotAcceptedException">It has not, or that cannot be told. Send it again, with the same id.</exception>
    Task SendAsync(AlarmLetter letter, CancellationToken cancellation);
}

/// <summary>A letter was not accepted, or nobody knows. It can be sent again.</summary>
/// <param name="reason">What went wrong, without addresses and without words of the other side: for logs and for alarms that go other ways.</param>
/// <param name="detail">What the other side said, for whoever looks on this machine; null for nothing more.</param>
internal sealed class AlarmNotAcceptedException(string reason, string? detail = null) : Exception(detail is null ? reason : $"{reason} {detail}")
{
    public string Reason => reason;
}
