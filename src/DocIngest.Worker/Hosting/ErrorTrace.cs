using System.Text;

namespace DocIngest.Worker.Hosting;

/// <summary>Where an error came from, without its message: that may quote a document or name a file (I6).</summary>
internal static class ErrorTrace
{
    /// <summary>Type and stack of the error and of those that caused it, the outermost first.</summary>
    public static string Of(Exception error)
    {
        var trace = new StringBuilder();
        for (var at = error; at is not null; at = at.InnerException)
        {
            trace.Append(trace.Length == 0 ? "" : "\ncaused by ").Append(at.GetType().FullName).Append('\n').Append(at.StackTrace);
        }

        return trace.ToString();
    }
}
