namespace DocIngest.Worker.Alarms;

/// <summary>How much hangs on an alarm.</summary>
public enum AlarmSeverity
{
    /// <summary>To be looked at some time.</summary>
    Info,

    /// <summary>Something does not work as it should; nothing is in danger yet.</summary>
    Warning,

    /// <summary>Scans are not taken in, or records or their copies are in danger.</summary>
    Critical,
}
